import { digitsPage } from "../../digits-page";

const { Page, generateMetadata } = digitsPage("call");

export { generateMetadata };
export default Page;
