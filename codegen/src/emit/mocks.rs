//! What answers a guest's imports natively, where there is no host.
//!
//! ```text
//! pub mod mocks { pub mod demo { pub mod json_query { pub mod log {
//!     pub fn log(answer: impl FnMut(Level, &str) + 'static) -> Mock { … }
//! } } } }
//! ```
//!
//! The module of an interface has the path that it has outside of `mocks`. Functions of a resource are in a module of the
//! resource's name in it.

use pack_abi::schema::{Function, Interface, ROOT};
use proc_macro2::TokenStream;
use quote::quote;

use super::calls::Call;
use super::model::Place;
use super::tree::Tree;
use crate::names::{self, MOCKS};
use crate::wit;

/// An import, and where its mocks are set.
pub(super) struct Mock<'a> {
    call: &'a Call<'a>,
    interface: &'a Interface,
    /// The module of the import.
    imports: &'a [String],
    /// The module of the function that sets its mocks.
    module: Vec<String>,
}

impl<'a> Mock<'a> {
    pub(super) fn new(call: &'a Call<'a>, interface: &'a Interface, imports: &'a [String]) -> Self {
        let resource = call.function.resource().map(names::module);
        let mut module = vec![MOCKS.to_owned()];
        module.extend(imports.iter().cloned().chain(resource));
        Self {
            call,
            interface,
            imports,
            module,
        }
    }

    /// Adds the function that sets mocks.
    pub(super) fn add(&self, tree: &mut Tree) {
        let (p, facade) = (&self.call.model.private, &self.call.model.settings.facade);
        let name = names::method_ident(self.function());
        let (import, answer) = (self.import(), self.answer(Place::module(&self.module)));
        let docs = format!(
            " Has a function answer `{}` on this thread, until the mock is dropped.",
            self.wit_name()
        );
        let setter = quote! {
            #[doc = #docs]
            pub fn #name(answer: impl #answer + 'static) -> #facade::mock::Mock {
                #p::set::<_, dyn #answer>(&#import, #p::Box::new(answer))
            }
        };
        let place = wit::Place::Function(self.interface.name.clone(), self.function().name.clone());
        tree.add(&self.module, place, setter);
        let about =
            super::docs("What answers imports natively: a function for each, which sets a mock.");
        tree.attributes(
            &[MOCKS.to_owned()],
            quote!(#[cfg(not(target_arch = "wasm32"))] #about),
        );
    }

    /// The statement by which the import, whose arguments are in variables of the parameters' names, returns what a mock
    /// answers.
    pub(super) fn ask(&self) -> TokenStream {
        let p = &self.call.model.private;
        let arguments = self.call.param_idents();
        let answer = self.answer(Place::module(self.imports));
        let name = names::method_ident(self.function());
        let import = match self.function().resource() {
            Some(_) => quote!(Self::#name),
            // The name alone would be that of the parameter.
            None if arguments.contains(&name) => quote!(self::#name),
            None => quote!(#name),
        };
        let call = quote!(|__mock| __mock(#(#arguments),*));
        match self.function().result {
            None => quote!(return #p::tell::<_, dyn #answer>(&#import, #call);),
            Some(_) => {
                let (wit, setter) = (self.wit_name(), self.setter());
                quote!(return #p::ask::<_, dyn #answer, _>(&#import, #wit, #setter, #call);)
            }
        }
    }

    fn function(&self) -> &Function {
        self.call.function
    }

    /// The trait of what answers: of the parameters as they are passed.
    fn answer(&self, place: Place<'_>) -> TokenStream {
        let p = &self.call.model.private;
        let params = self.call.passed_params(place);
        let output = self.function().result.map(|_| self.call.output(place));
        let output = output.map(|ty| quote!(-> #ty));
        quote!(#p::FnMut(#(#params),*) #output)
    }

    /// The path of the import in the module of its mock.
    fn import(&self) -> TokenStream {
        let path = |item| self.call.model.path(&self.module, self.imports, &item);
        let name = names::method_ident(self.function());
        match self.function().resource() {
            Some(resource) => {
                let resource = path(names::type_ident(resource));
                quote!(#resource::#name)
            }
            None => path(name),
        }
    }

    /// The import in the words of WIT.
    fn wit_name(&self) -> String {
        let name = &self.function().name;
        match self.interface.name.as_str() {
            ROOT => name.clone(),
            interface => format!("{interface}#{name}"),
        }
    }

    /// How to set a mock: `mocks::demo::clock::clock::now(|| …)`.
    fn setter(&self) -> String {
        let modules = self.module.iter().map(|name| names::ident(name));
        let path: Vec<String> = modules
            .chain([names::method_ident(self.function())])
            .map(|ident| ident.to_string())
            .collect();
        let params = self.call.param_idents();
        let params: Vec<String> = params.iter().map(ToString::to_string).collect();
        format!("{}(|{}| …)", path.join("::"), params.join(", "))
    }
}
