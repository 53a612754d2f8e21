// The token endpoint: OAuth 2.0 client credentials over HTTP Basic. Its errors are OAuth's, not problems.
import { type Answer, type Handler, jsonAnswer, NO_STORE } from "../answer.ts";
import type { Auth, Scope } from "../auth.ts";

/** Serves a token endpoint. */
export function tokenHandler(auth: Auth): Handler {
  return ({ headers, body }) => {
    const client = auth.authenticate(headers.authorization);
    if (!client)
      return refuse(401, "invalid_client", "The client is unknown or its secret is wrong.", {
        "www-authenticate": 'Basic realm="access"',
      });
    const form: { readonly [name: string]: unknown } = typeof body === "object" && body !== null ? { ...body } : {};
    const { grant_type: grant, scope, ...others } = form;
    if (grant === undefined || Object.keys(others).length > 0)
      return refuse(400, "invalid_request", "Send grant_type, and at most scope beside it, once each.");
    if (grant !== "client_credentials")
      return refuse(400, "unsupported_grant_type", "Only client_credentials is supported.");
    const asked = typeof scope === "string" ? scope.split(" ").filter((part) => part !== "") : client.scopes;
    if (!asked.every((one): one is Scope => client.scopes.some((has) => has === one)))
      return refuse(400, "invalid_scope", "The credential does not have every scope that was asked for.");
    const { token, expiresIn } = auth.issue(client, asked);
    const answer = { access_token: token, token_type: "Bearer", expires_in: expiresIn, scope: asked.join(" ") };
    return jsonAnswer(200, answer, NO_STORE);
  };
}

function refuse(status: number, error: string, description: string, headers: { [name: string]: string } = {}): Answer {
  return jsonAnswer(status, { error, error_description: description }, { ...NO_STORE, ...headers });
}
