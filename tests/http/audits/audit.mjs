// Prints one JSON line for each graphql-http audit of the endpoint named by the first argument; the second is a token.
import { auditServer } from "graphql-http";

const [url, token] = process.argv.slice(2);
const authorization = token ? { authorization: `Bearer ${token}` } : {};
const fetchFn = (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, ...authorization } });

for (const result of await auditServer({ url, fetchFn })) {
  const { id, name, status, reason = null } = result;
  console.log(JSON.stringify({ id, name, status, reason }));
}
