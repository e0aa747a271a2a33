import { Fragment } from "react";

/** Where a login or an e-mail address may break: before its `@`, after a dot or an underscore. */
const seam = /(?<=[._])(?=[^._])|(?<=.)(?=@)/s;

/** Whether `text` may break before what stands at `at`. */
export function mayBreakAt(text: string, at: number): boolean {
  return splitUnspaced(text.slice(0, at + 1)).at(-1)?.length === 1 && at > 0;
}

/** The parts of a login or an e-mail address between which it may break. */
export function splitUnspaced(text: string): string[] {
  return text.split(seam);
}

/** A login, an e-mail address or another name without spaces, which breaks where its parts meet, where it must break at all. */
export function Unspaced({ children }: { children: string }) {
  return splitUnspaced(children).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
