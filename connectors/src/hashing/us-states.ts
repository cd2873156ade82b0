/** States of the USA by their ANSI letters: any other text would be hashed and match nobody. */

const STATES =
  'al Alabama,ak Alaska,az Arizona,ar Arkansas,ca California,co Colorado,ct Connecticut,de Delaware,dc District of Columbia,' +
  'fl Florida,ga Georgia,hi Hawaii,id Idaho,il Illinois,in Indiana,ia Iowa,ks Kansas,ky Kentucky,la Louisiana,me Maine,' +
  'md Maryland,ma Massachusetts,mi Michigan,mn Minnesota,ms Mississippi,mo Missouri,mt Montana,ne Nebraska,nv Nevada,' +
  'nh New Hampshire,nj New Jersey,nm New Mexico,ny New York,nc North Carolina,nd North Dakota,oh Ohio,ok Oklahoma,or Oregon,' +
  'pa Pennsylvania,ri Rhode Island,sc South Carolina,sd South Dakota,tn Tennessee,tx Texas,ut Utah,vt Vermont,va Virginia,' +
  'wa Washington,wv West Virginia,wi Wisconsin,wy Wyoming,as American Samoa,gu Guam,mp Northern Mariana Islands,' +
  'pr Puerto Rico,vi Virgin Islands';

const LETTERS = new Map(
  STATES.split(',').flatMap((entry): [string, string][] => {
    const letters = entry.slice(0, 2);
    return [
      [letters, letters],
      [entry.slice(3).toLowerCase().replace(/ /g, ''), letters],
    ];
  }),
);

/** Two small letters, from letters or a name. */
export function stateOfUs(text: string): string | undefined {
  return LETTERS.get(text.toLowerCase().replace(/[^a-z]/g, ''));
}
