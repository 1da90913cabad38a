import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSystemPath } from "../../lib/plan/system-path.ts";

describe("isSystemPath()", () => {
  for (const path of [
    "/etc/cron.d/x",
    "/usr/bin/sudo",
    "/lib64/ld.so",
    "/var/spool/cron/crontabs/root",
    "/var/lib/systemd/linger/x",
    "/var/lib/virtfold/0f5f7a2e-1111-4222-8333-444455556666/guard.sh",
    "/root/.ssh/authorized_keys2",
    "/home/me/.bashrc",
    "/home/me/.config/autostart/x.desktop",
    "/home/me/.config/libvirt/.x",
    "/home/me/.config/libvirt/../autostart/x",
    "/srv/.hidden/web.qcow2",
  ])
    it(`keeps a VM's files from ${path}`, () => assert.ok(isSystemPath(path)));

  for (const path of [
    "/var/lib/libvirt/images/web.qcow2",
    "/var/lib/libvirt/qemu/nvram/web_VARS.fd",
    "/var/lib/one/datastores/0/1/disk.0",
    "/var/lib/vz/images/100/vm-100-disk-0.qcow2",
    "/srv/it's <a> folder & more/web.2.qcow2",
    "/root/vms/web.qcow2",
    "/data/web",
    "/home/me/.local/share/libvirt/images/web.qcow2",
    "/home/me/.config/libvirt/qemu/nvram/web_VARS.fd",
  ])
    it(`lets them be at ${path}`, () => assert.ok(!isSystemPath(path)));
});
