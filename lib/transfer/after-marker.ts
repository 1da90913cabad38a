// Login shells print what they like; data begins after the marker.

/** No login shell has more to say than this. */
const noiseLimitBytes = 1024 * 1024;

/** What follows the marker line in a stream; nothing when there is no such line. */
export async function* afterMarker(source: AsyncIterable<Buffer>, marker: string): AsyncGenerator<Buffer> {
  const line = Buffer.from(`\n${marker}\n`);
  let noise: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of source) {
    if (noise === undefined) {
      yield chunk;
      continue;
    }
    noise = Buffer.concat([noise, chunk]);
    const found: number = noise.indexOf(line);
    if (found >= 0) {
      yield noise.subarray(found + line.length);
      noise = undefined;
    } else if (noise.length > noiseLimitBytes) return;
  }
}
