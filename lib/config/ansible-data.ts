// What all forms of Ansible inventories say: groups in groups, hosts in groups, variables. Types only.

/** A variable, and the line that sets it where one does. */
export interface AnsibleVariable {
  readonly value: unknown;
  readonly line: number | undefined;
}

export type AnsibleVariables = Map<string, AnsibleVariable>;

/** One group: its own hosts, the groups in it, its variables. */
export interface AnsibleGroup {
  readonly hosts: Set<string>;
  readonly children: Map<string, number | undefined>;
  readonly variables: AnsibleVariables;
  /** The line of the first definition; undefined for a group that is only spoken of. */
  line: number | undefined;
}

/** One host, with its own variables. */
export interface AnsibleHost {
  readonly line: number | undefined;
  readonly variables: AnsibleVariables;
}

/** An Ansible inventory as it stands; `all` and `ungrouped` are added by whoever reads it. */
export class AnsibleData {
  readonly groups = new Map<string, AnsibleGroup>();
  readonly hosts = new Map<string, AnsibleHost>();

  /** The group of this name, made when it is new. */
  group(name: string, line?: number): AnsibleGroup {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = { hosts: new Set(), children: new Map(), variables: new Map(), line };
      this.groups.set(name, group);
    }
    group.line ??= line;
    return group;
  }

  /** The host of this name, made when it is new. A port counts only then, as with Ansible. */
  host(name: string, line?: number, port?: number): AnsibleHost {
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = { line, variables: new Map() };
      if (port !== undefined) host.variables.set("ansible_port", { value: port, line });
      this.hosts.set(name, host);
    }
    return host;
  }
}

/** More hosts than anybody has: what a range such as `[1:999999999]` must not make. */
export const mostHosts = 10_000;
