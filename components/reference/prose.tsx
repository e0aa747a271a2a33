/** Words of the reference, which is in English; what stands between backticks is code. */
export function Prose({ text }: { text: string }) {
  return (
    <span lang="en">
      {text.split("`").map((part, place) =>
        place % 2 === 0 ? (
          part
        ) : (
          <code
            key={place}
            className="rounded-sm bg-sunken px-1 py-px font-mono text-[0.92em] text-ink [overflow-wrap:anywhere]"
          >
            {part}
          </code>
        ),
      )}
    </span>
  );
}
