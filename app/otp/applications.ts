import "server-only";
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

/** Finds the application that a link or an attempt names; whatever isn't known is nobody, and is never shown. */
export function findApplication(id: string | null | undefined): Application | undefined {
  return isDemo() ? demoApplications.find((application) => application.id === id) : undefined;
}

/** Where an application takes up the success of an attempt. */
export function toEntrance(application: Application, attemptId: string): string {
  return `${application.enterPath}?${new URLSearchParams({ attempt: attemptId })}`;
}
