/** The TypeScript as it lies in the repository, or the program that was made of it and installed. */
const isInstalled = !import.meta.url.endsWith(".ts");

/** How a person starts a command: what help and messages say works when it is copied. */
export function commandLine(command: string): string {
  return isInstalled ? `virtfold ${command}` : `npx tsx scripts/${command}.ts`;
}
