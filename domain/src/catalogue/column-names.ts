/** What columns are called: names of the starter's attributes in the languages that files come in, squashed to letters and digits. */
import type { MappingTarget } from './types.js';

const NAMES: Readonly<Record<string, string>> = {
  user_id:
    'userid customerid customernumber customerno clientid memberid accountid kundennummer kundennr kundenid idclient numeroclient idcliente codigocliente klantnummer идклиента клиентид номерклиента',
  anonymous_id: 'anonymousid visitorid cookieid deviceid clientuuid',
  email:
    'email mail emailaddress mailaddress emailadresse mailadresse courriel adressemail adresseemail correo correoelectronico emailadres epost indirizzoemail почта элпочта электроннаяпочта имейл',
  phone:
    'phone phonenumber mobile mobilephone mobilenumber cell cellphone tel telephone telefon telefonnummer handy mobil handynummer portable telefono telefonnr movil cellulare telefoon telefone celular телефон мобильный номертелефона',
  crm_id: 'crmid contactid salesforceid hubspotid',
  loyalty_id:
    'loyaltyid loyaltycard cardnumber loyaltynumber kartennummer kundenkarte картанакопления номеркарты',
  name: 'name fullname customername displayname vollername kunde kundenname nomcomplet nombrecompleto nomecompleto naam фио имяполное полноеимя',
  first_name: 'firstname givenname forename vorname prenom nombre nome voornaam имя',
  last_name:
    'lastname surname familyname nachname familienname nomdefamille nom apellido apellidos cognome sobrenome achternaam фамилия',
  birthday:
    'birthday birthdate dateofbirth dob geburtstag geburtsdatum datedenaissance fechadenacimiento datadinascita datanascimento geboortedatum датарождения деньрождения',
  gender: 'gender sex geschlecht sexe sexo sesso geslacht пол',
  street:
    'street streetaddress address address1 addressline1 strasse straße adresse rue calle direccion via rua straat улица адрес',
  postal_code:
    'postalcode postcode zip zipcode plz postleitzahl codepostal codigopostal cap cep почтовыйиндекс индекс',
  username: 'username login nickname benutzername логин',
  title: 'title salutation anrede titel civilite обращение',
  age: 'age alter edad eta idade leeftijd возраст',
  city: 'city town ort stadt wohnort ville ciudad citta cidade plaats stad город',
  state: 'state region province bundesland county departement provincia estado область регион',
  country: 'country countrycode countryname land staat pays pais paese kraj страна',
  company:
    'company companyname organisation organization firma unternehmen societe entreprise empresa azienda bedrijf компания организация',
  language: 'language locale lang sprache langue idioma lingua taal язык',
  timezone: 'timezone zeitzone tz fuseauhoraire часовойпояс',
  customer_since:
    'customersince registeredat registrationdate signupdate signedupat memberssince membersince kundeseit registriertam dateinscription fecharegistro датарегистрации',
  loyalty_tier: 'loyaltytier tier loyaltylevel loyaltystatus stufe уровень',
  tags: 'tags labels stichworte schlagworte etiquettes etiquetas теги метки',
  event_name: 'event eventname eventtype action ereignis evenement evento событие',
  event_time:
    'timestamp eventtime eventdate time occurredat happenedat zeitpunkt zeitstempel uhrzeit horodatage fechahora времясобытия датавремя',
  message_id: 'messageid eventid requestid',
  order_id:
    'orderid ordernumber orderno ordernr order bestellnummer bestellnr bestellid auftragsnummer bonnummer bonnr bon belegnummer receipt receiptid receiptnumber transactionid numerocommande idcommande numeropedido idpedido pedido номерзаказа заказ номерчека чек',
  total:
    'total ordertotal totalprice totalamount amount grandtotal sum summe gesamt gesamtbetrag gesamtsumme betrag montant importe totale bedrag сумма итого',
  revenue: 'revenue umsatz netrevenue выручка',
  subtotal: 'subtotal zwischensumme soustotal',
  shipping: 'shipping shippingcost versand versandkosten fraisdeport доставка',
  tax: 'tax taxes vat mwst ust steuer tva iva ндс',
  discount: 'discount discounttotal rabatt remise descuento sconto korting скидка',
  coupon: 'coupon couponcode vouchercode promocode voucher gutschein gutscheincode промокод',
  currency: 'currency currencycode waehrung wahrung devise moneda valuta валюта',
  affiliation:
    'affiliation store storename shop channel filiale branch magasin tienda negozio winkel магазин канал',
  payment_method:
    'paymentmethod payment zahlungsart zahlart modedepaiement formadepago способоплаты',
  products: 'products items lineitems orderitems artikelliste positionen товары позиции',
  cart_id: 'cartid basketid warenkorbid',
  checkout_id: 'checkoutid checkouttoken',
  reason: 'reason cancelreason grund motif motivo причина',
  value: 'value wert valeur valor значение',
  url: 'url pageurl link',
  product_id: 'productid itemid artikelid idproduit produktid идтовара',
  sku: 'sku articlenumber itemnumber artikelnummer artikelnr artikel article ean gtin артикул',
  product_name:
    'productname itemname product item produkt produktname artikelbezeichnung bezeichnung produit producto товар названиетовара',
  category: 'category productcategory kategorie warengruppe categorie categoria категория',
  brand: 'brand marke marque marca merk бренд',
  variant: 'variant variante size groesse farbe',
  price: 'price unitprice itemprice preis einzelpreis stueckpreis prix precio prezzo prijs цена',
  quantity:
    'quantity qty count menge anzahl stueck stk quantite cantidad quantita aantal количество колво',
  marketing_consent:
    'marketingconsent consent optin marketingoptin acceptsmarketing newsletter newsletteroptin einwilligung werbeeinwilligung подписка согласие',
  email_consent: 'emailconsent emailoptin emailmarketing emailmarketingconsent newsletteremail',
  sms_consent: 'smsconsent smsoptin smsmarketing smsmarketingconsent',
};

/** Names that mean one thing in a file of customers and another in one of orders. */
const BY_TARGET: Readonly<Record<MappingTarget, Readonly<Record<string, string>>>> = {
  customers: {
    user_id: 'id uid nr nummer number no',
    customer_since: 'createdat created createddate creationdate',
    event_time: 'updatedat modifiedat lastmodified',
  },
  orders: {
    order_id: 'id uid nr nummer number no',
    event_time:
      'date datum orderdate orderedat orderdatetime purchasedate purchasedat createdat created completedat bestelldatum kaufdatum verkaufsdatum datecommande fechapedido data datetime дата датазаказа датапокупки zeit',
  },
  events: {
    message_id: 'id uid',
    event_name: 'name type',
    event_time: 'date datum createdat created datetime data дата',
  },
};

/** Every name of an attribute, in the one form in which columns are compared. */
export function namesOf(key: string, label: string, target: MappingTarget): ReadonlySet<string> {
  const own = Object.hasOwn(NAMES, key) ? (NAMES[key] ?? '') : '';
  const here = BY_TARGET[target];
  const special = Object.hasOwn(here, key) ? (here[key] ?? '') : '';
  const taken = Object.entries(here).flatMap(([other, names]) =>
    other === key ? [] : names.split(' '),
  );
  const names = [squash(key), squash(label), ...own.split(' ').map(squash)];
  const free = names.filter((name) => !taken.includes(name));
  return new Set([...free, ...special.split(' ')].filter((name) => name !== ''));
}

/** `E-Mail_Adresse` and `emailAdresse` are one name. */
export function squash(name: string): string {
  return words(name).join('');
}

/** The words of a column's name, without accents and in lower case. */
export function words(name: string): readonly string[] {
  return name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
