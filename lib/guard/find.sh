# Finds files with names of ours in these folders; not in those below them. Reads only.
# Run as: find.sh FOLDER…
#
# Prints a line for each, tab-separated; at most 500, then the line "more":
#   file FOLDER_NUMBER NAME DEVICE:INODE plain|other
# Whatever else a name may hold, what is printed has only characters that we use: guard.sh has no others recorded.

LC_ALL=C
export LC_ALL
d='[0-9]' h='[0-9a-f]'
id=$d$d$d$d$d$d$d$d-$d$d$d$d$d$d-$h$h$h$h$h$h
number=0 found=0
for folder in "$@"; do
  number=$((number + 1))
  # shellcheck disable=SC2231  # the pattern is to be expanded
  for file in "$folder"/*.virtfold-$id.qcow2 "$folder"/*.virtfold-$id.clone; do
    name=${file##*/}
    case $name in *[!A-Za-z0-9._-]*) continue ;; esac
    inode=$(stat -c '%d:%i' -- "$file" 2>/dev/null) || continue
    if [ -f "$file" ] && [ ! -L "$file" ]; then kind=plain; else kind=other; fi
    found=$((found + 1))
    [ "$found" -le 500 ] || { echo more; exit 0; }
    printf 'file\t%s\t%s\t%s\t%s\n' "$number" "$name" "$inode" "$kind"
  done
done
exit 0
