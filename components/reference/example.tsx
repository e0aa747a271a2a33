import { CopyButton } from "./copy-button";
import type { ShownExample } from "./curl";

const pre = "px-3 py-2 font-mono text-xs leading-relaxed [font-variant-ligatures:none]";

/** A request as it is typed, and what it is answered. */
export function Example({ example, empty }: { example: ShownExample; empty: string }) {
  const { summary, curl, status, answer } = example;
  return (
    <figure className="min-w-0 overflow-hidden rounded-lg border bg-surface">
      <figcaption className="flex min-h-9 items-center justify-between gap-3 border-b py-1 pr-1 pl-3">
        <span className="font-medium text-xs" lang="en">
          {summary}
        </span>
        <CopyButton text={curl} label={summary} />
      </figcaption>
      <pre className={`whitespace-pre-wrap [overflow-wrap:anywhere] ${pre}`}>
        <code>{curl}</code>
      </pre>
      <div className="flex items-baseline gap-2 border-t px-3 pt-1.5 text-xs">
        <b className={`font-semibold ${status.startsWith("2") ? "text-ok" : "text-danger"}`}>{status}</b>
        {answer === undefined && <span className="pb-1.5 text-ink-soft">{empty}</span>}
      </div>
      {answer !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard (WCAG 2.1.1)
        <pre tabIndex={0} className={`max-h-96 overflow-auto ${pre}`}>
          <code>{JSON.stringify(answer, null, 2)}</code>
        </pre>
      )}
    </figure>
  );
}
