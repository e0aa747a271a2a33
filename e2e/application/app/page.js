import { auth, signIn, signOut } from "../auth";

/** A page that shows nothing to whom nobody has proven, or no longer. */
export default async function Page() {
  const session = await auth();
  if (!session?.isLive)
    return (
      <form
        action={async () => {
          "use server";
          await signIn("sparekey");
        }}
      >
        <h1>Intranet</h1>
        <button type="submit">Sign in by emergency access</button>
      </form>
    );
  return (
    <form
      action={async () => {
        "use server";
        await signOut();
      }}
    >
      <h1>Welcome, {session.user.name}</h1>
      <p>
        {session.user.email}, by {session.amr.join(" and ")}
      </p>
      <button type="submit">Sign out</button>
    </form>
  );
}
