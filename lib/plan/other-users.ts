// Which other VMs depend on an image. Pure.

import type { ImageUsers, Layer } from "../model/vm.ts";

/** Names of the VMs besides this one that an image is a disk of, or lies below one; none of them may see it change. */
export function otherUsers(
  image: Pick<Layer, "identity"> | undefined,
  { uuid, imageUsers }: { readonly uuid: string; readonly imageUsers: ImageUsers },
): readonly string[] {
  const users = image === undefined ? [] : (imageUsers.get(image.identity) ?? []);
  return users.filter((user) => user.uuid !== uuid).map(({ name }) => name);
}
