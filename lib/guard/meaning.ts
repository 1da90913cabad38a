/**
 * What stands before a command for guard.sh, so that it acts only for this backup's guard: the folder is the VM's, and may
 * be the next backup's by the time the command comes.
 */
export function meaning(backupId: string): readonly ["env", string] {
  return ["env", `VIRTFOLD_BACKUP_ID=${backupId}`];
}
