#!/bin/sh
# Stands in for the image of a cube: prints its arguments, and makes every path that is not there yet. A parameter whose
# name ends in `_dir` is a directory, any other a file.
printf '%s\n' "$@"
shift
for argument; do
  path=${argument#*=}
  [ -e "$path" ] && continue
  case $argument in
    --*_dir=*) mkdir -p "$path" && touch "$path/made" ;;
    *) mkdir -p "${path%/*}" && touch "$path" ;;
  esac
done
