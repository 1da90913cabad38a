import type { Finding, FindingPlace, Judgement, Severity } from "../model/finding.ts";

/** A finding at a place with how much it matters. */
export type Judge = (severity: Severity, finding: Finding, needsPerson?: boolean) => Judgement;

/** Judges what is found at one place. */
export function judgeAt(place: FindingPlace): Judge {
  return (severity, finding, needsPerson = false) => ({ place, severity, needsPerson, finding });
}
