/** Milliseconds that all threads of the process have computed so far; other work on the machine leaves them as they are. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
