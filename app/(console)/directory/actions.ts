"use server";

import { z } from "zod";
import { confirmImport, discardImport, resumeImport, stopImport } from "@/lib/imports/acts";
import { askImport, endUpload } from "@/lib/imports/ask";
import { askImportInput, confirmImportInput, importIdInput } from "@/lib/imports/input";
import { askSync } from "@/lib/ldap/ask-sync";
import { askSyncInput, directorySettingsInput } from "@/lib/ldap/input";
import { forgetDirectory, saveDirectory } from "@/lib/ldap/save-directory";
import { testDirectory } from "@/lib/ldap/test-directory";
import { staffAction } from "@/lib/staff/action";

export const askAction = staffAction("directory:manage", askImportInput, askImport);
export const endUploadAction = staffAction("directory:manage", importIdInput, endUpload);
export const confirmAction = staffAction("directory:manage", confirmImportInput, confirmImport);
export const stopAction = staffAction("directory:manage", importIdInput, stopImport);
export const resumeAction = staffAction("directory:manage", importIdInput, resumeImport);
export const discardAction = staffAction("directory:manage", importIdInput, discardImport);
export const syncLdapAction = staffAction("directory:manage", askSyncInput, askSync);
export const saveLdapAction = staffAction("directory:manage", directorySettingsInput, saveDirectory);
export const testLdapAction = staffAction("directory:manage", directorySettingsInput, testDirectory);
export const forgetLdapAction = staffAction("directory:manage", z.strictObject({}), forgetDirectory);
