/** How a person starts a command: what help and messages say works when it is copied. */
export function commandLine(command: string): string {
  return `npx tsx scripts/${command}.ts`;
}
