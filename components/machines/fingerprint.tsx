/** A fingerprint in groups of four, so that two people can compare it aloud; copied without the gaps. */
export function Fingerprint({ value }: { value: string }) {
  const groups = value.match(/.{1,4}/g) ?? [];
  return (
    <span className="inline-flex flex-wrap gap-x-1.5 break-all font-mono text-xs">
      {groups.map((group, index) => (
        <span key={index}>{group}</span>
      ))}
    </span>
  );
}
