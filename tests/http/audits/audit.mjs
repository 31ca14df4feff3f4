// Prints one JSON line for each graphql-http audit of the endpoint named as the only argument.
import { auditServer } from "graphql-http";

for (const result of await auditServer({ url: process.argv[2] })) {
  const { id, name, status, reason = null } = result;
  console.log(JSON.stringify({ id, name, status, reason }));
}
