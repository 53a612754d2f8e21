// The keys that programs use: whose they are, how old, and what is wrong with them.
import { useMemo } from "preact/hooks";
import { Card, Day, Nothing } from "./parts.tsx";
import { cell, type Review } from "./review.ts";
import { away, number } from "./words.ts";

export function Keys({ review }: { review: Review }) {
  const { keys, at: now } = review.packed;
  const order = useMemo(
    () => [...keys.name.keys()].sort((a, b) => cell(keys.ageDays, b) - cell(keys.ageDays, a) || a - b),
    [keys],
  );
  const top = Math.max(1, ...keys.ageDays);
  return (
    <Card title="Keys by age" aside={<span class="size">{number(order.length)}</span>}>
      {order.length === 0 ? (
        <Nothing>No keys were read: there are none, or the platforms have no list of them.</Nothing>
      ) : null}
      {order.length === 0 ? null : (
        <div class="scroll" tabIndex={0} role="group" aria-label="Keys">
          <table class="keys">
            <thead>
              <tr>
                {["Key", "Age", "Owner", "Where", "Last used", "Expires", "Concerns"].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {order.map((at) => {
                const [used, expires] = [review.text(cell(keys.lastUsedAt, at)), review.text(cell(keys.expiresAt, at))];
                const age = cell(keys.ageDays, at);
                return (
                  <tr key={at}>
                    <th scope="row">
                      {review.text(cell(keys.name, at))}
                      <span class="quiet under">{review.packed.targets[cell(keys.target, at)]?.name}</span>
                    </th>
                    <td class="age">
                      {age < 0 ? (
                        <span class="quiet">not known</span>
                      ) : (
                        <span class="number">{`${number(age)} d`}</span>
                      )}
                      <meter class="bar" min={0} max={top} value={Math.max(0, age)} aria-label="Age" />
                    </td>
                    <td>{review.text(cell(keys.owner, at)) ?? <span class="quiet">nobody</span>}</td>
                    <td>{review.text(cell(keys.scope, at)) ?? <span class="quiet">everywhere</span>}</td>
                    <td>
                      {used === undefined ? (
                        <span class="quiet">not told</span>
                      ) : (
                        <span title={used}>{away(now, used)}</span>
                      )}
                    </td>
                    <td>{expires === undefined ? <span class="quiet">never</span> : <Day at={expires} />}</td>
                    <td>
                      <ul class="chips">
                        {review.list(cell(keys.concerns, at)).map((concern) => (
                          <li key={concern} class="badge wait">
                            {review.text(concern)}
                          </li>
                        ))}
                      </ul>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}
