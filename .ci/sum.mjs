// Adds up what the test runners reported, and what else failed, into the one line that CI ends with.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @param {{ name: string, status: number, report: object | undefined }[]} runners exit status and vitest's JSON report of each
 * @param {string[]} failedSteps checks that failed beside the tests: each counts as one failure
 * @returns {{ passed: number, failed: number }}
 */
export function sum(runners, failedSteps) {
  let passed = 0;
  let failed = failedSteps.length;
  for (const { status, report } of runners) {
    passed += report?.numPassedTests ?? 0;
    const tests = report?.numFailedTests ?? 0;
    // A file that could not be loaded has no tests of which one could have failed.
    const files = (report?.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    failed += tests + files;
    if (tests + files === 0 && (status !== 0 || !report)) failed += 1;
  }
  // A run without tests has shown nothing.
  if (passed === 0 && failed === 0) failed = 1;
  return { passed, failed };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // The runner died before it could write: its status counts.
    return undefined;
  }
}

// Arguments: `name:status:report.json` for a runner, `name` for a step that failed.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const given = process.argv.slice(2).map((argument) => argument.split(':'));
  const runners = given
    .filter((parts) => parts.length === 3)
    .map(([name, status, path]) => ({ name, status: Number(status), report: readReport(path) }));
  const steps = given.filter((parts) => parts.length === 1).map(([name]) => name);
  for (const name of steps) console.log(`Failed: ${name}`);
  const { passed, failed } = sum(runners, steps);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
