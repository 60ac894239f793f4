# SPDX-FileCopyrightText: 2026 The Undercurrent developers
# SPDX-License-Identifier: MIT
# bash completion for undercurrent-cli

_undercurrent_cli() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  local commands="info tokens predict map verify statistics devices bench"
  local everywhere="--device --threads --dtype --memory --max-tokens --json --quiet --progress --help --version"
  local input="--text --text-file --ids --ids-file --image --preprocess"
  local maps="--layer --lane --head --merge --direction --map --factors --rows --cols --pool --norm --range --gamma
    --colormap --theme --title --width-mm --dpi --transparent --no-colorbar --output -o"
  COMPREPLY=()
  case $prev in
    --device) COMPREPLY=($(compgen -W "cpu cuda" -- "$cur")); return ;;
    --dtype) COMPREPLY=($(compgen -W "float32 float64 bfloat16" -- "$cur")); return ;;
    --merge) COMPREPLY=($(compgen -W "mean mean-abs max-abs l2 positive-mean" -- "$cur")); return ;;
    --direction) COMPREPLY=($(compgen -W "forward backward both" -- "$cur")); return ;;
    --map) COMPREPLY=($(compgen -W "exact unified scan no-step" -- "$cur")); return ;;
    --factors) COMPREPLY=($(compgen -W "gate scan activation convolution skip no-step" -- "$cur")); return ;;
    --norm) COMPREPLY=($(compgen -W "raw abs minmax softmax row-l1 row-max log10 signed-log percentile contribution" -- "$cur")); return ;;
    --colormap) COMPREPLY=($(compgen -W "viridis cividis magma inferno gray RdBu PuOr vik jet" -- "$cur")); return ;;
    --theme) COMPREPLY=($(compgen -W "light dark" -- "$cur")); return ;;
    --layer) COMPREPLY=($(compgen -W "all" -- "$cur")); return ;;
    --text|--ids|--lane|--head|--rows|--cols|--pool|--range|--gamma|--title|--width-mm|--dpi|--threads|--memory|--max-tokens|--top|--generate|--temperature|--seed|--only) return ;;
    --text-file|--ids-file|--image|-o|--output) COMPREPLY=($(compgen -f -- "$cur")); return ;;
  esac
  local word command=
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " $commands " in *" $word "*) command=$word; break ;; esac
  done
  if [[ -z $command ]]; then
    COMPREPLY=($(compgen -W "$commands --version --help --json" -- "$cur"))
    return
  fi
  if [[ $cur == -* ]]; then
    case $command in
      map) COMPREPLY=($(compgen -W "$input $maps $everywhere" -- "$cur")) ;;
      predict) COMPREPLY=($(compgen -W "$input --top --output -o --generate --temperature --seed $everywhere" -- "$cur")) ;;
      verify) COMPREPLY=($(compgen -W "$input --layer $everywhere" -- "$cur")) ;;
      statistics) COMPREPLY=($(compgen -W "$input --layer --output -o $everywhere" -- "$cur")) ;;
      tokens) COMPREPLY=($(compgen -W "$input $everywhere" -- "$cur")) ;;
      bench) COMPREPLY=($(compgen -W "--only --full $everywhere" -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$everywhere" -- "$cur")) ;;
    esac
    return
  fi
  [[ $command == devices || $command == bench ]] && return
  # Readline ends a word at a colon, unless it has written a backslash before it.
  local demos="mamba mamba2 griffin rwkv vision"
  if [[ $cur == : && $prev == demo ]]; then
    COMPREPLY=($demos)
  elif [[ $prev == : && ${COMP_WORDS[COMP_CWORD-2]} == demo ]]; then
    COMPREPLY=($(compgen -W "$demos" -- "$cur"))
  else
    COMPREPLY=($(compgen -W "demo:${demos// / demo:}" -- "${cur/\\:/:}") $(compgen -f -- "$cur"))
  fi
}
complete -o filenames -F _undercurrent_cli undercurrent-cli
