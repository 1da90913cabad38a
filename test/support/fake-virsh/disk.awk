# Reads or rewrites one disk of a domain's XML, in the layout and indentation of libvirt 9.
#   TARGET   the disk
#   MODE     source: print its own source, escaped | rewrite: print the document with another chain |
#            remove: print it without the disk | targets: print all targets
#   CHAIN    lines "FORMAT PATH" (escaped), the disk's own image first
#   LIVE     yes: with index, <backingStore/> and <alias>, as for a running domain
#   MIRROR   empty, or "KIND READY FORMAT PATH"

BEGIN {
  target = "      <target dev='" ENVIRON["TARGET"] "'"
  mode = ENVIRON["MODE"]
  live = ENVIRON["LIVE"] == "yes"
  layers = split(ENVIRON["CHAIN"], chain, "\n")
}

/^  <devices>$/ { devices = 1 }
/^  <\/devices>$/ { devices = 0 }
devices && /^    <disk / { inside = 1; count = 0; found = 0; disks++ }
inside {
  lines[++count] = $0
  if (index($0, target) == 1) found = 1
  if (mode == "targets" && /^      <target dev='/) { split($0, part, "'"); print part[2] }
  if (/^    <\/disk>$/) { inside = 0; disk() }
  next
}
mode == "rewrite" || mode == "remove" { print }

function disk(i) {
  if (mode == "source" && found) {
    for (i = 1; i <= count; i++)
      if (lines[i] ~ /^      <source file='/) { split(lines[i], part, "'"); print part[2]; return }
  }
  if (mode == "remove" && found) return
  if (mode != "rewrite" && mode != "remove") return
  if (!found) { for (i = 1; i <= count; i++) print lines[i]; return }
  for (i = 1; i <= count; i++) {
    if (lines[i] ~ /^      <(source|backingStore|mirror)[ \/>]/) { i = skip(i); continue }
    if (lines[i] ~ /^      <alias /) continue
    if (lines[i] ~ /^      <driver /) {
      sub(/ type='[a-z0-9]*'/, " type='" word(chain[1], 1) "'", lines[i])
      print lines[i]
      print_chain()
      print_mirror()
      continue
    }
    print lines[i]
    if (live && lines[i] ~ /^      <target /) printf "      <alias name='disk%d'/>\n", disks - 1
  }
}

# To the last line of the element that begins in this one.
function skip(i, name) {
  if (lines[i] ~ /\/>$/) return i
  name = lines[i]
  sub(/^ */, "", name); sub(/[ >].*/, "", name); sub(/</, "", name)
  while (lines[i] != "      </" name ">") i++
  return i
}

function print_chain(i, indent) {
  printf "      <source file='%s'%s/>\n", rest(chain[1]), number(layers)
  indent = "      "
  for (i = 2; i <= layers; i++) {
    printf "%s<backingStore type='file'%s>\n", indent, number(layers - i + 1)
    printf "%s  <format type='%s'/>\n%s  <source file='%s'/>\n", indent, word(chain[i], 1), indent, rest(chain[i])
    indent = indent "  "
  }
  if (live) print indent "<backingStore/>"
  for (i = layers; i >= 2; i--) { indent = substr(indent, 3); print indent "</backingStore>" }
}

function print_mirror(mirror, ready) {
  mirror = ENVIRON["MIRROR"]
  if (mirror == "" || !live) return
  ready = word(mirror, 2) == "yes" ? " ready='yes'" : ""
  printf "      <mirror type='file' job='%s'%s>\n", word(mirror, 1), ready
  mirror = rest(rest(mirror))
  printf "        <format type='%s'/>\n        <source file='%s' index='1'/>\n      </mirror>\n", word(mirror, 1), rest(mirror)
}

function number(n) { return live ? " index='" n "'" : "" }
function word(text, n, words) { split(text, words, " "); return words[n] }
function rest(text) { sub(/^[^ ]* /, "", text); return text }
