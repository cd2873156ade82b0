import pg from 'pg';

/**
 * Lets a login that owns nothing run the product. It becomes a member of each role of ours, so that its pools may set one, and may
 * see which migrations ran; of itself it can read and write nothing. Run by the owner after migrating, since a migration may bring a
 * role. Answers the roles that were new to it.
 */
export async function grantRoles(ownerUrl: string, login: string): Promise<string[]> {
  const owner = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await owner.connect();
  try {
    const name = pg.escapeIdentifier(login);
    await owner.query(`grant select on schema_migration to ${name}`);
    const { rows } = await owner.query<{ role: string }>(MISSING, [login]);
    for (const { role } of rows) {
      await owner.query(`grant ${pg.escapeIdentifier(role)} to ${name}`);
    }
    return rows.map(({ role }) => role);
  } finally {
    await owner.end();
  }
}

const MISSING = `
  select r.rolname as role
    from pg_roles r
   where r.rolname like 'tl\\_%' and not r.rolcanlogin
     and not exists (select from pg_auth_members m join pg_roles l on l.oid = m.member
                      where m.roleid = r.oid and l.rolname = $1)
   order by r.rolname`;
