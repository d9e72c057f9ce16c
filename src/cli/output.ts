/** What is written to stdout with `--json`, one object a line. */
export interface OutputEvent {
  /** Kind of the line: `data`, `step`, `done`, … */
  readonly event: string;
  readonly [field: string]: unknown;
}

/** A stream that the program prints to. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Where a command prints: results to stdout, words on the way to stderr. */
export interface Output {
  /** Whether results are JSON lines. */
  readonly json: boolean;
  /** Whether only results and errors are printed. */
  readonly quiet: boolean;
  /** For progress. */
  readonly stderr: OutputStream;
  /** Prints a result: its text, or with `--json` the object. */
  result(event: OutputEvent, text: string): void;
  /** Prints an object if results are JSON lines, otherwise nothing. */
  event(event: OutputEvent): void;
  /** Prints a sentence to stderr, unless the user requested quiet. */
  note(text: string): void;
}

/** Creates the output of a command. */
export function createOutput(
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
  { stdout, stderr }: { readonly stdout: OutputStream; readonly stderr: OutputStream },
): Output {
  const event = (values: OutputEvent): void => {
    if (json) stdout.write(`${JSON.stringify(values)}\n`);
  };
  return {
    json,
    quiet,
    stderr,
    event,
    result: (values, text) => {
      if (json) event(values);
      else stdout.write(`${text}\n`);
    },
    note: (text) => {
      if (!quiet) stderr.write(`${text}\n`);
    },
  };
}
