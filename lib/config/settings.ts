// Text from flags, environment and .env → Settings, with all errors at once. Pure.

import { nearestName } from "./nearest-name.ts";
import { settingNames, settingRules, type SettingName, type Settings } from "./setting-rules.ts";

/** Settings as text, by name; undefined where nothing was said. */
export type SettingTexts = Readonly<Partial<Record<SettingName, string>>>;

/** A setting whose text cannot be used, or that is missing. */
export interface SettingProblem {
  readonly name: SettingName;
  readonly variable: string;
  readonly meaning: string;
  readonly text: string | undefined;
}

/** The texts of all settings that environment variables give. */
export function textsFromVariables(variables: Readonly<Record<string, string | undefined>>): SettingTexts {
  const texts: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const value = variables[settingRules[name].variable];
    if (value !== undefined && value !== "") texts[name] = value;
  }
  return texts;
}

/** A variable that is named as settings are and is none; `meant` is the setting it is near to. */
export interface UnknownVariable {
  readonly name: string;
  readonly meant: string | undefined;
}

/** The variables that nobody would read: a setting that was misspelt must not be taken for one that was not given. */
export function unknownVariables(
  variables: Readonly<Record<string, string | undefined>>,
): readonly UnknownVariable[] {
  const known = settingNames.map((name) => settingRules[name].variable.slice(prefix.length));
  return Object.keys(variables)
    .filter((name) => name.toUpperCase().startsWith(prefix))
    .filter((name) => !name.startsWith(prefix) || !known.includes(name.slice(prefix.length)))
    .map((name) => ({ name, meant: nearestSetting(name.slice(prefix.length), known) }));
}

const prefix = "VIRTFOLD_";

function nearestSetting(name: string, known: readonly string[]): string | undefined {
  const nearest = known.find((one) => one === name.toUpperCase()) ?? nearestName(name, known);
  return nearest === undefined ? undefined : `${prefix}${nearest}`;
}

/** Settings, or all problems at once when there are any. */
export type Reading<Read> = { readonly settings: Read } | { readonly problems: readonly SettingProblem[] };

/** Reads settings from several sources, the first that says something winning. */
export function readSettings(sources: readonly SettingTexts[]): Reading<Settings> {
  const isMissing = (name: SettingName): boolean => settingRules[name].isRequired === true;
  return read(settingNames, sources, isMissing) as Reading<Settings>;
}

/** Settings of a run that can do without a store. */
export type SettingsOfPlan = Omit<Settings, "store"> & { readonly store: string | undefined };

/** Reads all settings likewise, but asks for no store. */
export function readSettingsOfPlan(sources: readonly SettingTexts[]): Reading<SettingsOfPlan> {
  const isMissing = (name: SettingName): boolean =>
    name !== "store" && settingRules[name].isRequired === true;
  return read(settingNames, sources, isMissing) as Reading<SettingsOfPlan>;
}

/** Settings of which none must be given. */
export type SomeSettings<Name extends SettingName> = { readonly [One in Name]: Settings[One] | undefined };

/** Reads some settings likewise, and asks for none of them. */
export function readSomeSettings<Name extends SettingName>(
  names: readonly Name[],
  sources: readonly SettingTexts[],
): Reading<SomeSettings<Name>> {
  return read(names, sources, () => false) as Reading<SomeSettings<Name>>;
}

function read(
  names: readonly SettingName[],
  sources: readonly SettingTexts[],
  isMissing: (name: SettingName) => boolean,
): Reading<unknown> {
  const problems: SettingProblem[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of names) {
    const rule = settingRules[name];
    const given = sources.map((source) => source[name]).find((value) => value !== undefined);
    const value = given === undefined ? rule.fallback : rule.read(given);
    if (value === undefined && (given !== undefined || isMissing(name)))
      problems.push({ name, variable: rule.variable, meaning: rule.meaning, text: given });
    values[name] = value;
  }
  return problems.length > 0 ? { problems } : { settings: values };
}
