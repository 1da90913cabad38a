// Inventories in which readers of Ansible's formats go wrong, as data: each is read by Ansible and by us.

/** One inventory. */
export interface AwkwardInventory {
  readonly file: "hosts" | "hosts.ini" | "hosts.yml";
  readonly text: string;
  /** Why it is refused here although Ansible takes it: always better than a guess. */
  readonly refusedHere?: RegExp;
}

const ini = (text: string, refusedHere?: RegExp): AwkwardInventory => ({
  ...{ file: "hosts.ini", text },
  ...(refusedHere === undefined ? {} : { refusedHere }),
});
const yaml = (text: string, refusedHere?: RegExp): AwkwardInventory => ({
  ...ini(text, refusedHere),
  file: "hosts.yml",
});

export const awkwardInventories: Readonly<Record<string, AwkwardInventory>> = {
  "ranges of numbers and letters, with steps, zeros, and several in one name": ini(`
web[01:03].example.org
db-[a:c]
n[0:8:2]
r[1:2]n[07:09:2]x
k[:2]
[Y:Z]y
`),
  "a range whose ends are of different lengths": ini("web[01:100]\n"),
  "a range that ends before it begins": ini("a\nweb[3:1]\n", /no range/),
  "ports, of names, ranges and IPv6 addresses": ini(`
jumper:2222
web[1:2]:2201
[fd00::1]:2200
fd00::2
10.0.0.9:22
text ansible_port="2222"
both:2200 ansible_port=2201
`),
  "a port at a later mention only": ini("[a]\nh\n[b]\nh:2222\n"),
  "a port at the first mention, none later": ini("[a]\nh:2222\n[b]\nh\n"),
  "comments of their own, behind a line, and inside of a word": ini(`
; of its own
# likewise
a ansible_user=ann # behind
b ansible_user=ann#inside
`),
  "comments behind what hosts and headers say": ini(`
a ansible_user=ann # behind
b ansible_user=ann#inside
c ansible_host='10.0.0.3' # 'quote
[web] # a group
c
[dc:children]
web # a child
[dc:vars]
ansible_port=2222 # a port
ansible_user='bob' # a name
virtfold_uri=qemu:///system
`),
  "a comment behind a text without quotes in vars": ini("a\n[all:vars]\nansible_user=bob # who\n"),
  "quotes and backslashes as a shell's, in host lines": ini(
    String.raw`
a ansible_user="an"n ansible_ssh_private_key_file='/keys/a b'
b ansible_user=a\nn ansible_ssh_private_key_file=/keys/a\ b
c ansible_ssh_private_key_file="/keys/a b" ansible_user="x"'y'
d ansible_ssh_private_key_file="/keys/x" ansible_user="u"v
`,
  ),
  "values that Python takes for something else": ini(
    String.raw`
a ansible_port=022 ansible_user=1000
b ansible_port=0x16 ansible_become=True
c ansible_user=None ansible_become=yes
d ansible_user="'quoted'" ansible_become=1
e ansible_port='"2222"' ansible_become=False
f ansible_user=' padded ' ansible_become=no
`,
    /port cannot be "022"|user cannot be " padded "/,
  ),
  "numbers in other notations": ini("b ansible_port=0x16\nc ansible_port=2_2\n"),
  "what Python takes for texts and truths": ini(
    String.raw`
a ansible_user=1000 ansible_become=True
c ansible_user=None ansible_become=yes
d ansible_user="'quoted'" ansible_become=1
e ansible_port='"2222"' ansible_become=False
g ansible_user="" ansible_become=no
`,
    /user cannot be ""/,
  ),
  "vars with spaces, quotes and signs": ini(String.raw`
[web]
a
[web:vars]
ansible_user = bob
ansible_ssh_private_key_file="/keys/a=b c"
ansible_ssh_common_args=-J me@bastion:2222 -o "User=x"
ansible_become = True
virtfold_tags=['eu', 'prod']
virtfold_max_backups = 3
virtfold_quiesce='never'
`),
  "a host in many groups, later names and deeper groups first": ini(`
[b]
h
[a]
h
[deep]
h ansible_port=1
[mid:children]
deep
[top:children]
mid
[a:vars]
ansible_user=ay
ansible_host=1.1.1.1
virtfold_quiesce=never
[b:vars]
ansible_user=bee
ansible_host=2.2.2.2
[top:vars]
ansible_user=top
ansible_host=3.3.3.3
virtfold_per_host=2
[mid:vars]
ansible_host=4.4.4.4
[deep:vars]
virtfold_per_host=4
ansible_port=2
[all:vars]
ansible_user=all
virtfold_per_host=9
virtfold_lease=90
`),
  "a group on two levels": ini(`
[leaf]
h
[one:children]
leaf
[two:children]
one
[x]
h
[side:children]
x
[three:children]
two
[leaf:vars]
ansible_user=leaf
[x:vars]
ansible_user=x
[side:children]
leaf
`),
  ansible_group_priority: ini(`
[a]
h
[b]
h
[c]
h
[a:vars]
ansible_group_priority=10
ansible_user=ay
[b:vars]
ansible_user=bee
ansible_port=3
[c:vars]
ansible_group_priority='2'
ansible_user=see
ansible_port=4
`),
  "ungrouped hosts, and vars of theirs": ini(`
lone
grouped
[web]
grouped
[ungrouped:vars]
ansible_user=nobody
[all:vars]
ansible_port=23
`),
  "hosts in [all] and [ungrouped]": ini("[all]\na\n[ungrouped]\nb\n[web]\nb\nc\n"),
  "groups that are spoken of before they are defined": ini(`
[dc:vars]
ansible_user=x
[dc:children]
web
[web:vars]
ansible_port=3
[web]
h
`),
  "a group that is defined nowhere": ini("[dc:children]\nweb\n"),
  "vars of a group that is defined nowhere": ini("h\n[dc:vars]\na=1\n"),
  "an unknown kind of section": ini("[web:hosts]\na\n[x:things]\nb\n"),
  "a section with [web:hosts]": ini("[web:hosts]\na\n"),
  "a header with a semicolon behind it": ini("[web] ; x\na\n"),
  "a variable without a value, a word without =": ini("a ansible_user\n"),
  "an open quote": ini("a ansible_user='x\n"),
  "line ends of other systems, and none at the end": ini("[web]\r\na ansible_user=x\r\n\r\nb"),
  "a host called like a group": ini("[web]\nweb\n"),
  "names in other scripts": ini("[größe]\nGröße-1 ansible_host=10.0.0.1\nbjörk[1:2]:22\n"),
  "a file without an ending": { ...ini("[web]\na ansible_port=3\n"), file: "hosts" },
  "a YAML file without an ending": { ...ini("web:\n  hosts:\n    a: {ansible_port: 3}\n"), file: "hosts" },
  "host variables at each mention": ini("[a]\nh ansible_user=a ansible_port=1\n[b]\nh ansible_user=b\n"),
  "jump hosts in options": ini(String.raw`
a ansible_ssh_common_args='-o ProxyJump="me@jump"' ansible_ssh_extra_args="-J other"
b ansible_ssh_extra_args="-o ControlMaster=no"
`),
  "other connections": ini(
    "a ansible_connection=local\nb ansible_connection=winrm\nc ansible_connection=paramiko\n",
  ),

  "YAML: groups in groups": yaml(`
all:
  hosts: { lone: {}, "[fd00::1]:2200": }
  vars: { ansible_user: nobody }
  children:
    web:
      hosts: { "web[01:02]": { ansible_port: "2201" }, gate:2222: null }
      vars: { ansible_user: web, ansible_group_priority: 2 }
    db:
      children: { web: }
      hosts: { web01: }
      vars: { ansible_user: db, ansible_become: yes }
`),
  "YAML: a host and a group as texts": yaml(
    "web:\n  hosts: a\n  vars: { ansible_user: x }\ndc:\n  children: web\n",
  ),
  "YAML: merged mappings": yaml(`
all:
  vars: { ansible_user: v }
  hosts:
    a: &base { ansible_user: ann, ansible_port: 3, ansible_host: 1.1.1.1 }
    b: { <<: *base, ansible_port: 4 }
    c: &more
      ansible_port: 5
      <<: *base
      ansible_host: 2.2.2.2
    d: { <<: [*more, *base], virtfold_quiesce: never }
    e: { <<: *more }
`),
  "YAML: what is a number and a truth in 1.1": yaml(`
web:
  hosts:
    a: { ansible_port: 026, ansible_become: yes, ansible_user: root }
    b: { ansible_port: 0x16, ansible_become: "on" }
    c: { ansible_port: 2_2, ansible_become: Off, ansible_user: 1000 }
    d: { ansible_port: "22", ansible_become: ~ }
`),
  "YAML: a number as a host": yaml("web: { hosts: { 101: } }\n"),
  "YAML: a quoted number as a host": yaml('web: { hosts: { "101": { ansible_port: 3 } } }\n'),
  "YAML: several groups at the top": yaml(
    "web:\n  hosts: { a: }\ndb:\n  hosts: { a: , b: { ansible_port: 3 } }\n",
  ),
  "YAML: a misspelt key": yaml("all: { hosts: { a: }, childern: { web: { hosts: { b: } } } }\n", /childern/),
  "YAML: the same key twice": yaml("all:\n  hosts: { a: }\n  hosts: { b: }\n", /twice/),
  "YAML: a list of hosts": yaml("all:\n  hosts: [a, b]\n"),
  "YAML: an unsafe text": yaml("all: { hosts: { a: { ansible_user: !unsafe me } } }\n"),
  "YAML: a template": yaml('all: { hosts: { a: { ansible_host: "{{ x }}" } } }\n'),
  "YAML: a document's start and comments": yaml(
    "---\n# x\nall: # y\n  hosts:\n    a: # z\n    b:\n      ansible_port: 3 # p\n...\n",
  ),
};
