import type { Metadata } from "next";
import Link from "next/link";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { PageHeader } from "@/components/page-header";
import { InDirectory } from "@/components/staff/in-directory";
import { InviteButton } from "@/components/staff/invite-button";
import { decideStaffState, listMethods } from "@/components/staff/staff-state";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import { Unspaced } from "@/components/ui/unspaced";
import { findStaffInDirectory } from "@/lib/directory/staff-in-directory";
import { isDemo } from "@/lib/platform/config";
import { listStaff } from "@/lib/staff/list";
import { isSelf } from "@/lib/staff/model";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../console-page";
import { inviteAction } from "./actions";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("staff.title") };
}

export default consolePage("staff:read", async (ctx) => {
  const [people, t, { formats, now }] = await Promise.all([listStaff(ctx), getTranslator(), getReader()]);
  const inDirectory = await findStaffInDirectory(ctx, people);
  const manages = hasPermission(ctx.actor, "staff:manage");
  return (
    <>
      <PageHeader title={t("staff.title")}>
        {manages ? (
          <ClientMessages namespaces={["staff"]}>
            <InviteButton invite={inviteAction} />
          </ClientMessages>
        ) : (
          <p className="text-ink-soft">{t("staff.readOnly")}</p>
        )}
      </PageHeader>
      <Card>
        <Table label={t("staff.title")}>
          <Heads>
            <Head>{t("staff.name")}</Head>
            <Head className="hidden sm:table-cell">{t("staff.role")}</Head>
            <Head>{t("staff.state")}</Head>
            <Head className="hidden lg:table-cell">{t("staff.inDirectory.title")}</Head>
            <Head className="hidden xl:table-cell">{t("staff.signsInBy")}</Head>
            <Head className="hidden md:table-cell">{t("staff.lastSignIn")}</Head>
            <Head className="hidden text-right xl:table-cell">{t("staff.sessions")}</Head>
          </Heads>
          <tbody>
            {people.map((staff, index) => {
              const found = inDirectory[index];
              const { state, tone } = decideStaffState(staff, isDemo());
              return (
                <Row key={staff.id}>
                  <Cell>
                    <div className="flex items-center gap-3">
                      <Avatar name={staff.name} />
                      <div className="min-w-0">
                        <Link
                          href={`/staff/${staff.id}`}
                          prefetch={false}
                          className="font-medium hover:underline"
                        >
                          {staff.name}
                        </Link>
                        {isSelf(ctx.actor, staff.id) && (
                          <span className="text-ink-soft"> ({t("staff.you")})</span>
                        )}
                        <span className="block text-ink-soft text-xs [overflow-wrap:anywhere]">
                          <Unspaced>{staff.email}</Unspaced>
                        </span>
                        <span className="block text-xs sm:hidden">{t(`ui.role.${staff.role}`)}</span>
                      </div>
                    </div>
                  </Cell>
                  <Cell className="hidden whitespace-nowrap sm:table-cell">{t(`ui.role.${staff.role}`)}</Cell>
                  <Cell>
                    <Badge tone={tone}>{t(`staff.stateOf.${state}`)}</Badge>
                  </Cell>
                  <Cell className="hidden lg:table-cell">
                    {found !== undefined && <InDirectory {...found} />}
                  </Cell>
                  <Cell className="hidden text-ink-soft xl:table-cell">
                    {listMethods(staff)
                      .map((method) => t(`staff.method.${method}`))
                      .join(", ") || t("ui.none")}
                  </Cell>
                  <Cell className="hidden whitespace-nowrap tabular-nums md:table-cell">
                    {staff.lastSignInAt === null ? (
                      <span className="text-ink-soft">{t("staff.never")}</span>
                    ) : (
                      <time
                        dateTime={staff.lastSignInAt.toISOString()}
                        title={formats.exact(staff.lastSignInAt)}
                      >
                        {formats.moment(staff.lastSignInAt, now)}
                      </time>
                    )}
                  </Cell>
                  <Cell className="hidden text-right tabular-nums xl:table-cell">
                    {formats.number(staff.sessions)}
                  </Cell>
                </Row>
              );
            })}
          </tbody>
        </Table>
      </Card>
    </>
  );
});
