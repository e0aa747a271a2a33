"use server";

import { confirmImport, discardImport, resumeImport, stopImport } from "@/lib/imports/acts";
import { askImport, endUpload } from "@/lib/imports/ask";
import { askImportInput, confirmImportInput, importIdInput } from "@/lib/imports/input";
import { staffAction } from "@/lib/staff/action";

export const askAction = staffAction("directory:manage", askImportInput, askImport);
export const endUploadAction = staffAction("directory:manage", importIdInput, endUpload);
export const confirmAction = staffAction("directory:manage", confirmImportInput, confirmImport);
export const stopAction = staffAction("directory:manage", importIdInput, stopImport);
export const resumeAction = staffAction("directory:manage", importIdInput, resumeImport);
export const discardAction = staffAction("directory:manage", importIdInput, discardImport);
