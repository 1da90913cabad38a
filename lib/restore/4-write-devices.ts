// Step 4: writes disks back onto block devices. What was on them cannot be kept aside, so everything else is there before
// it, looked at, and everything that can be asked has been asked.

import type { Guard } from "../backup/ports.ts";
import { BackupError } from "../model/failure.ts";
import type { RestoredFile, RestorePlan } from "../model/restore.ts";
import { interruption } from "../shell/interruption.ts";
import { pushOne } from "./2-push-images.ts";
import { verifyOne, type VerifiedImages } from "./3-verify-images.ts";
import { checkPlace } from "./check-place.ts";
import type { RestorePorts } from "./ports.ts";

declare const complete: unique symbol;

/** Images that are all where they are to be, those on devices too. Only writeDevices makes these. */
export interface CompleteImages extends VerifiedImages {
  readonly [complete]: true;
}

/**
 * Writes one after the other; nothing at all for a VM that has none. There is nothing to undo on a device: neither what it
 * holds nor what it is called is ever put back. The guard ends whoever writes to it.
 * @throws BackupError `vm-changed`, `restore-misfit`, `arrived-damaged`, `device-failed`.
 */
export async function writeDevices(
  plan: RestorePlan,
  { guard, images }: { readonly guard: Guard; readonly images: VerifiedImages },
  ports: RestorePorts,
): Promise<CompleteImages> {
  const devices = plan.files.filter(({ device }) => device !== undefined);
  if (devices.length > 0) await lookAgain(plan, devices, ports);
  for (const device of devices) {
    const { target, path } = device;
    await writeOne(device, guard, ports);
    await verifyOne(plan, device, ports);
    ports.emit({ kind: "device-verified", target, path });
  }
  return images as CompleteImages;
}

/** The last moment at which nothing is lost. A copy that is damaged in the store must not cost what is on the device. */
async function lookAgain(
  plan: RestorePlan,
  devices: readonly RestoredFile[],
  ports: RestorePorts,
): Promise<void> {
  for (const { localPath: path, sha256 } of devices) {
    const found = await ports.hashStored(path, ports.signal).catch((error: unknown) => {
      throw ports.signal.aborted ? interruption(ports.signal) : error;
    });
    if (found !== sha256)
      throw new BackupError({ kind: "arrived-damaged", host: plan.host.name, path, isDamagedInStore: true });
  }
  await checkPlace(plan, ports);
  const misfits = await ports.lookAtDevices();
  if (misfits.length > 0)
    throw new BackupError({ kind: "restore-misfit", host: plan.host.name, vm: plan.vm.name, misfits });
}

async function writeOne(file: RestoredFile, guard: Guard, ports: RestorePorts): Promise<void> {
  const { target, path, localPath, bytes, device = "" } = file;
  if (ports.signal.aborted) throw interruption(ports.signal);
  let isOpened = false;
  await pushOne(file, ports, (options) =>
    ports.pusher.pushToDevice(
      {
        ...{ localPath, bytes, devicePath: path },
        writer: (marker) => guard.deviceWriter({ path, number: device, marker }),
        onOpen: () => {
          if (!isOpened) ports.emit({ kind: "device-opened", target, path });
          isOpened = true;
        },
      },
      options,
    ),
  );
}
