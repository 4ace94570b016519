// Health check of a container: the image has no curl, and needs none. Status 0 when the address answers well, else 1.
const url = process.argv[2] ?? process.env.GATEWATCH_HEALTH_URL ?? 'http://127.0.0.1:7770/health/ready';
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4000) });
  const text = (await answer.text()).slice(0, 500);
  if (!answer.ok) {
    console.error(`${url} answers ${answer.status}: ${text}`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`${url} does not answer: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
