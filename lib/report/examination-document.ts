// What was found, as one JSON document for programs (examination-schema.ts).

import type { Examination, FindingPlace, Judgement } from "../model/finding.ts";
import { describeFinding } from "./describe-finding.ts";
import { examinationVersion } from "./examination-schema.ts";

/** The document as text. Nothing in it is secret: no definition, no password. */
export function examinationDocument({ judgements, hosts, isComplete }: Examination): string {
  const document = { version: examinationVersion, isComplete, hosts, findings: judgements.map(fieldsOf) };
  return JSON.stringify(document, undefined, 2);
}

function fieldsOf(judgement: Judgement): object {
  const { place, severity, needsPerson, finding } = judgement;
  return { severity, needsPerson, kind: finding.kind, ...placeFields(place), ...describeFinding(judgement) };
}

function placeFields(place: FindingPlace): object {
  const { kind: _kind, ...fields } = place;
  return fields;
}
