import type postgres from "postgres";
import { dealRounds } from "./deal";
import type { Chance } from "./random";

/** Somebody of the demo's directory whom proofs act for. */
export interface Person {
  id: string;
  login: string;
  channels: readonly ("sms" | "voice")[];
}

/** Everybody who may be given anything: enabled, not privileged, no number that behaves in a way of its own. */
export async function listPeople(sql: postgres.Sql): Promise<Person[]> {
  return sql<Person[]>`
    select u.id, u.login, array_agg(p.channel order by p.channel) as channels
    from users u join user_phone p on p.user_id = u.id
    where u.disabled_at is null and p.e164 not like '+120255501%' and p.held_until is null
      and not exists (select from user_group g where g.user_id = u.id and g.group_name = 'domain-admins')
      and u.login not in ('sms.sofia', 'voice.viktor')
    group by u.id order by u.login`;
}

/** Deals out people so that one comes again only after all others have. */
export function dealPeople(people: readonly Person[], chance: Chance): (hasSms?: boolean) => Person {
  const deal = dealRounds(people, chance);
  return (hasSms = false) => {
    for (;;) {
      const person = deal();
      if (!hasSms || person.channels.includes("sms")) return person;
    }
  };
}
