/** Fetches a file that the build has packed. */
export async function unpack(address: string): Promise<ArrayBuffer> {
  const response = await fetch(address);
  if (!response.ok || response.body === null) {
    throw new Error(`Cannot load the digits: the server returned ${response.status}`);
  }
  const bytes = response.body.pipeThrough(new DecompressionStream('gzip'));
  return new Response(bytes).arrayBuffer();
}
