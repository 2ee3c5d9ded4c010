// An OpenID Connect provider for a test: one client, one person, PKCE required, on a free port of the
// loopback. It prints one line of JSON when it serves: issuer, client and secret. It ends with its
// standard input.
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [tools, subject, callback] = process.argv.slice(2);
const { default: Provider } = await import(createRequire(`${tools}/`).resolve("oidc-provider"));

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const client = {
  client_id: "gantry",
  client_secret: "only-a-test-knows-this-secret",
  // A native client may come back to the loopback on any port (RFC 8252, 7.3): which one Gantry gets
  // is not known yet.
  application_type: "native",
  redirect_uris: [`http://127.0.0.1${callback}`],
  grant_types: ["authorization_code"],
  response_types: ["code"],
};
const provider = new Provider(issuer, {
  clients: [client],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email"], profile: ["name"] },
  // The page for signing in takes any name: who is not this person is nobody.
  findAccount: (_, id) =>
    id === subject
      ? { accountId: id, claims: () => ({ sub: id, email: `${id}@provider.example`, name: id }) }
      : undefined,
});
server.on("request", provider.callback());
console.log(JSON.stringify({ issuer, client: client.client_id, secret: client.client_secret }));

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
