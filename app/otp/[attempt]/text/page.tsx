import { digitsPage } from "../../digits-page";

const { Page, generateMetadata } = digitsPage("text");

export { generateMetadata };
export default Page;
