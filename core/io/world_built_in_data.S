/* SPDX-FileCopyrightText: 2026 The Undercurrent developers */
/* SPDX-License-Identifier: MIT */
/* WORLD_VOCABULARY is the path of resources/tokenizer/rwkv_vocab_v20230424.txt.gz. */
	.section .rodata
	.global uc_world_vocabulary
	.hidden uc_world_vocabulary
	.global uc_world_vocabulary_end
	.hidden uc_world_vocabulary_end
uc_world_vocabulary:
	.incbin WORLD_VOCABULARY
uc_world_vocabulary_end:
	.byte 0
	.section .note.GNU-stack, "", %progbits
