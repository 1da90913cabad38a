// Settings → the lines of a `.env`. Pure.

import { settingNames, settingRules } from "./setting-rules.ts";
import type { SettingTexts } from "./settings.ts";

/** The lines that give these settings, each under what it means. Whoever writes them reads them back first. */
export function envText(texts: SettingTexts): string {
  const blocks = settingNames.flatMap((name) => {
    const value = texts[name];
    return value === undefined ? [] : [`# ${settingRules[name].meaning}\n${envLine(name, value)}\n`];
  });
  return blocks.join("\n");
}

/** One line, without its end. */
export function envLine(name: keyof SettingTexts, value: string): string {
  return `${settingRules[name].variable}=${/^[\w./:@%+,~-]+$/.test(value) ? value : inQuotes(value)}`;
}

/** dotenv knows no escapes: text goes into quotes that it does not have itself. */
function inQuotes(value: string): string {
  const quote = ["'", "`", '"'].find((one) => !value.includes(one)) ?? "'";
  return `${quote}${value}${quote}`;
}
