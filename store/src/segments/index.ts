/** Memberships as the API reads them; only the lane writes them. */
export {
  countMembers,
  listMembers,
  readMemberships,
  type Membership,
  type Member,
} from './memberships.js';
