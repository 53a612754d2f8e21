// What the report itself has to say of how it was made: what could not be read, what is not certain.
import { Card } from "./parts.tsx";
import type { Review } from "./review.ts";
import { number } from "./words.ts";

const MOODS: Readonly<Record<string, string>> = { error: "bad", warning: "wait", note: "" };

export function Findings({ review }: { review: Review }) {
  const { findings } = review.packed;
  if (findings.length === 0) return null;
  return (
    <Card title="About this report" wide aside={<span class="size">{number(findings.length)}</span>}>
      <ul class="findings">
        {findings.map(({ severity, code, message, where, hint }, index) => (
          <li key={index}>
            <span class={`badge ${MOODS[severity] ?? ""}`}>{severity}</span>
            <span>
              {message} <code class="quiet">{code}</code>
              {where === "" ? null : <span class="quiet">{` ${where}`}</span>}
              {hint === "" ? null : <span class="quiet hint">{hint}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
