"use server";

import { redirect } from "next/navigation";
import { z } from "zod";
import { toTrouble } from "@/app/otp/steps";
import { publicForm } from "@/lib/staff/action";
import { closePayrollSession } from "./session";

/** Signs out of the demo's payroll application. */
export const signOut = publicForm(
  z.object({}),
  async () => {
    await closePayrollSession();
    redirect("/otp?app=payroll");
  },
  (refusal) => redirect(toTrouble(refusal.requestId, "/otp?app=payroll")),
);
