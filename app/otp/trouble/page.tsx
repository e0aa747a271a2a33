import { publicRequestContext } from "@/lib/staff/session";
import { TroublePage, titled } from "../otp-page";
import { single, toOwnPath, toStart } from "../steps";

export const generateMetadata = () => titled((t) => t("trouble.title"));

/** Where a form leads that could not be answered. Asks the database nothing. */
export default async function Trouble({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const query = await searchParams;
  const id = single(query.id) ?? "";
  const { requestId } = await publicRequestContext();
  return (
    <TroublePage
      requestId={/^[\w-]{1,64}$/.test(id) ? id : requestId}
      back={toOwnPath(single(query.back)) ?? toStart()}
    />
  );
}
