/** What a field holds by its name. */
export type Holds = 'user' | 'machine' | undefined;

const userKeys = new Set(
  (
    'user username user_name userid user_id uid login login_id login_name email e_mail mail email_address mail_address user_email upn user_principal_name ' +
    'principal principal_name principal_id actor_name actor_email actor_id actor_login subject_name account_name account_id sub preferred_username display_name ' +
    'full_name first_name last_name given_name family_name surname nick_name alternate_id member customer_id remote_user auth_user on_behalf_of phone phone_number ' +
    'mobile msisdn caller_id recipient'
  ).split(' '),
);
/** Objects of people: what these hold under the keys below names one. */
const people = new Set('user users actor member owner author subject principal customer employee patient identity target_user'.split(' '));
const namingKeys = new Set('id name login title key value uuid'.split(' '));
/** Machines of the operator: their addresses are no caller's. */
const machines = new Set('destination host server observer upstream node pod container cloud service agent dest local'.split(' '));

/** `userName` is `user_name`, `X-User-Id` is `x_user_id`. */
export function plainKey(key: string): string {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/-/g, '_')
    .toLowerCase();
}

/** Tells what a field holds by its own key, the key of the object it is in, and the operator's further names. */
export function fieldJudge(further: readonly string[]): (key: string, parent: Holds) => Holds {
  const own = new Set(further.flatMap((name) => [name.toLowerCase(), plainKey(name)]));
  return (key, parent) => {
    if (key.length > 128) return undefined;
    const plain = plainKey(key);
    if (own.has(plain) || own.has(key.toLowerCase()) || userKeys.has(plain)) return 'user';
    if (parent === 'user' && namingKeys.has(plain)) return 'user';
    if (machines.has(plain)) return 'machine';
    return undefined;
  };
}

/** Whether the values of an object under this key describe people. */
export function holdsPeople(key: string): boolean {
  return people.has(plainKey(key));
}
