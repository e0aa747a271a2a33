import "server-only";
import { cache } from "react";
import { findWaitingApplication } from "@/lib/openid/request";
import { isDemo } from "@/lib/platform/config";

/** Something on this server that sends people to `/otp` and takes up their success. */
export interface Application {
  id: string;
  /** As people know it. */
  name: string;
  /** Where a success is taken up; the attempt's id goes with it. */
  enterPath: string;
}

const demoApplications: readonly Application[] = [
  { id: "payroll", name: "Payroll", enterPath: "/payroll/enter" },
];

/**
 * Finds the application that a link or an attempt names: one of the demo, or one whose request waits at the OpenID door. Whatever isn't
 * known is nobody, and is never shown.
 */
export const findApplication = cache(
  async (id: string | null | undefined): Promise<Application | undefined> => {
    if (id === null || id === undefined || id === "") return undefined;
    const demo = isDemo() ? demoApplications.find((application) => application.id === id) : undefined;
    if (demo !== undefined) return demo;
    const waiting = await findWaitingApplication(id);
    return waiting && { id, name: waiting.name, enterPath: `/oidc/interaction/${id}` };
  },
);

/** Where an application takes up the success of an attempt. */
export function toEntrance(application: Application, attemptId: string): string {
  return `${application.enterPath}?${new URLSearchParams({ attempt: attemptId })}`;
}
