import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { z } from "zod";
import { BackLink } from "@/components/back-link";
import { ClientMessages } from "@/components/i18n/client-messages";
import { getReader, getTranslator } from "@/components/i18n/server";
import { InDirectory } from "@/components/staff/in-directory";
import { SessionsTable } from "@/components/staff/sessions-table";
import { StaffAct, type StaffActActions } from "@/components/staff/staff-acts";
import { StaffProfileForm } from "@/components/staff/staff-profile-form";
import { decideStaffState, listMethods } from "@/components/staff/staff-state";
import { Badge } from "@/components/ui/badge";
import { Card, Fact, Facts } from "@/components/ui/card";
import { Unspaced } from "@/components/ui/unspaced";
import { findStaffInDirectory } from "@/lib/directory/staff-in-directory";
import { isDemo } from "@/lib/platform/config";
import type { Role } from "@/lib/platform/context";
import { listStaffSessions, readStaff } from "@/lib/staff/list";
import { isSelf, permissionsOfRole } from "@/lib/staff/model";
import { hasPermission } from "@/lib/staff/permission";
import { consolePage } from "../../console-page";
import {
  changeAction,
  disableAction,
  enableAction,
  endSessionAction,
  resetFactorAction,
  resetPasswordAction,
  unlockAction,
} from "../actions";

const actions: StaffActActions = {
  disable: disableAction,
  enable: enableAction,
  unlock: unlockAction,
  resetPassword: resetPasswordAction,
  resetFactor: resetFactorAction,
};

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslator();
  return { title: t("staff.title") };
}

/** Whether a role may do to users what nobody may do to themselves. */
const isHelping = (role: Role) =>
  permissionsOfRole[role].some((permission) => permission === "grant:issue" || permission === "phone:change");

export default consolePage("staff:read", async (ctx, { params }) => {
  const id = z.uuid().safeParse((await params).id);
  if (!id.success) notFound();
  const staffId = id.data;
  const found = await readStaff(ctx, { staffId });
  if (!found.ok) notFound();
  const { staff } = found;
  const manages = hasPermission(ctx.actor, "staff:manage");
  const [[inDirectory], t, { formats, now }, sessions] = await Promise.all([
    findStaffInDirectory(ctx, [staff]),
    getTranslator(),
    getReader(),
    manages ? listStaffSessions(ctx, { staffId }) : [],
  ]);
  const self = isSelf(ctx.actor, staffId);
  const { state, tone } = decideStaffState(staff, isDemo());
  const moment = (at: Date) => (
    <time dateTime={at.toISOString()} title={formats.exact(at)}>
      {formats.moment(at, now)}
    </time>
  );
  const selfWhy = self ? t("staff.refusal.yourself") : null;
  const disabledWhy = staff.disabledAt === null ? null : t("staff.refusal.disabled");
  return (
    <div className="flex max-w-3xl flex-col gap-4">
      <div>
        <BackLink href="/staff">{t("staff.title")}</BackLink>
        <h1 className="mt-1 flex flex-wrap items-center gap-3 font-bold text-xl tracking-tight">
          {staff.name}
          <Badge tone={tone}>{t(`staff.stateOf.${state}`)}</Badge>
        </h1>
      </div>
      <Card title={t("staff.profile")} titleId="profile">
        <Facts>
          <Fact name={t("staff.email")}>
            <Unspaced>{staff.email}</Unspaced>
          </Fact>
          {!manages && <Fact name={t("staff.role")}>{t(`ui.role.${staff.role}`)}</Fact>}
          <Fact name={t("staff.inDirectory.title")}>
            {inDirectory !== undefined && <InDirectory {...inDirectory} />}
            {inDirectory?.people.length === 0 && isHelping(staff.role) && (
              <span className="block text-ink-soft text-xs">{t("staff.inDirectory.nobodyHint")}</span>
            )}
          </Fact>
          <Fact name={t("staff.signsInBy")}>
            {listMethods(staff)
              .map((method) => t(`staff.method.${method}`))
              .join(", ") || t("ui.none")}
          </Fact>
          <Fact name={t("staff.lastSignIn")}>
            {staff.lastSignInAt === null ? t("staff.never") : moment(staff.lastSignInAt)}
          </Fact>
        </Facts>
        {manages && (
          <ClientMessages namespaces={["staff"]}>
            <div className="border-t">
              <StaffProfileForm
                key={`${staff.name}/${staff.role}/${staff.userDirectoryId}`}
                change={changeAction}
                staff={{
                  id: staff.id,
                  name: staff.name,
                  role: staff.role,
                  userDirectoryId: staff.userDirectoryId,
                }}
                locked={selfWhy}
              />
            </div>
          </ClientMessages>
        )}
      </Card>
      {manages && (
        <ClientMessages namespaces={["staff"]}>
          <Card title={t("staff.help")} titleId="help">
            <StaffAct
              act="unlock"
              actions={actions}
              staff={{ id: staff.id, name: staff.name }}
              why={staff.lockedSeconds > 0 ? null : t("staff.notLocked")}
            />
            <StaffAct
              act="resetPassword"
              actions={actions}
              staff={{ id: staff.id, name: staff.name }}
              why={selfWhy ?? disabledWhy}
            />
            <StaffAct
              act="resetFactor"
              actions={actions}
              staff={{ id: staff.id, name: staff.name }}
              why={selfWhy ?? disabledWhy}
            />
          </Card>
          <Card title={t("staff.danger")} titleId="access">
            <StaffAct
              key={staff.disabledAt === null ? "disable" : "enable"}
              act={staff.disabledAt === null ? "disable" : "enable"}
              actions={actions}
              staff={{ id: staff.id, name: staff.name }}
              why={selfWhy}
            />
          </Card>
          <Card title={t("staff.session.title")} titleId="sessions">
            <SessionsTable
              sessions={sessions.map((session) => ({
                id: session.id,
                createdAt: session.createdAt.toISOString(),
                lastSeenAt: session.lastSeenAt.toISOString(),
                secondFactorMethod: session.secondFactorMethod,
                sourceIp: session.sourceIp,
                userAgent: session.userAgent,
                current: session.id === ctx.actor.sessionId,
              }))}
              staffId={staffId}
              end={endSessionAction}
            />
          </Card>
        </ClientMessages>
      )}
    </div>
  );
});
