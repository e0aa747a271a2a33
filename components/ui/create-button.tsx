import { Button } from "./button";

/** The button by which something is made; where it may not be, `why` stands beside it and it does nothing. */
export function CreateButton({
  label,
  why,
  onCreate,
}: {
  label: string;
  why: string | null;
  onCreate: () => void;
}) {
  return (
    <>
      {why !== null && (
        <span id="create-why" className="text-ink-soft text-xs">
          {why}
        </span>
      )}
      <Button
        variant="primary"
        aria-disabled={why === null ? undefined : true}
        aria-describedby={why === null ? undefined : "create-why"}
        data-command={label}
        onClick={() => {
          if (why === null) onCreate();
        }}
      >
        {label}
      </Button>
    </>
  );
}
