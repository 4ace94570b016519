/** Files of a new format of one's own: name to text. The mapping passes its own cases as it stands. */
export function scaffoldMapping(name: string): Readonly<Record<string, string>> {
  return { [`${name}.yml`]: skeleton.replaceAll('NAME', name) };
}

const skeleton = `# How the JSON log of NAME is read. Check it: gatewatch parse --mapping NAME.yml
# Use it: in a source, mapping_file: NAME.yml
name: NAME
description: What writes this log.

timestamp: { field: at, format: epoch_ms } # iso, epoch, epoch_s, epoch_ms, epoch_us, epoch_ns, clf, or "dd.MM.yyyy HH:mm:ss"
id: request_id # the sender's own id; a repeated one is dropped

# Key of the log (dotted where nested) to ECS field. Usual names (ip, method, status, path, user_agent ...) are known without this.
fields:
  caller.addr: source.ip
  caller.agent: user_agent.original
  who: user.name

constants:
  service.name: NAME

# How it ended.
outcome: { from: result, success: [ok], failure: [denied, error] }

# What was done. The words fill event.action, event.category and event.type.
actions:
  from: event
  of:
    signin: login
    signout: logout
    otp: mfa
    new_password: password
    role_changed: privileges

# What follows from conditions; the first that holds wins.
when:
  - if: { event: signin, reason: locked }
    action: login_lock:failure

cases:
  - line: '{"at":1768471503250,"request_id":"r-1","event":"signin","result":"ok","who":"alice","caller":{"addr":"203.0.113.7","agent":"curl/8"}}'
    expect:
      "@timestamp": "2026-01-15T10:05:03.250Z"
      event.action: authn_login_success
      event.outcome: success
      user.name: alice
      source.ip: 203.0.113.7
  - line: '{"at":1768471504250,"request_id":"r-2","event":"signin","result":"denied","who":"alice","caller":{"addr":"203.0.113.7"}}'
    expect: { event.action: authn_login_fail, event.outcome: failure }
  - line: '{"request_id":"r-3","event":"signin","result":"ok"}'
    rejected: timestamp
`;
