// The Git host over its HTTP API, by octokit: pull requests, reviews, checks, comments, issues. Retries, rate limits and pages
// are octokit's; what is asked and what becomes of the answer is here. It refuses to show a token anywhere.
import { HostError, type HostReader, type HostWriter } from "../model/host.ts";

export type HostAuthentication =
  | { readonly kind: "token"; readonly token: string }
  /** A GitHub App; its installation on the repository is looked up unless given. */
  | { readonly kind: "app"; readonly id: string; readonly privateKey: string; readonly installation?: number };

export interface HostOptions {
  /** Base URL of the REST API: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise server. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly authentication: HostAuthentication;
  readonly userAgent: string;
}

export function openHostReader(_options: HostOptions): HostReader {
  throw new HostError("not built yet");
}

export function openHostWriter(_options: HostOptions): HostWriter {
  throw new HostError("not built yet");
}
