// What this tool is called and which version it is.

import packageJson from "../../package.json" with { type: "json" };

export const toolName = "virtfold";
export const toolVersion: string = packageJson.version;
